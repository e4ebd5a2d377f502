from datetime import UTC, date, datetime

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from landsea.declaration import lot
from landsea.errors import InputError
from landsea.node import parquet

ARRIVAL = parquet.Arrival("broker", datetime(2026, 11, 21, 12, tzinfo=UTC), "LA", "landsea")


def sample(count):
    """Declaration d has d % 3 goods items, each with a document, and a document of its own."""
    items = [d for d in range(count) for _ in range(d % 3)]
    numbers = range(len(items))
    documents = sorted([(d, None) for d in range(count)] + list(zip(items, numbers, strict=True)), key=lambda p: p[0])
    return lot.lot_of(
        {
            "declarations": {"d": range(count), "lrn": [f"L{d}" for d in range(count)]},
            "goods_items": {"d": items, "i": numbers, "item_amount": [n * 10**20 for n in numbers]},
            "documents": {"d": [d for d, _ in documents], "i": [i for _, i in documents], "id": ["x"] * len(documents)},
        }
    )


def chunks(folder, size):
    rows = parquet.Rows(folder)
    return [rows.lot(first, first + size, ARRIVAL) for first in range(0, len(rows), size)]


@pytest.mark.parametrize("size", [1, 4, 7, 100])
def test_chunks_put_together_are_the_lot_that_was_written(tmp_path, size):
    whole = sample(20)
    parquet.write(whole, tmp_path)
    read = lot.concat(chunks(tmp_path, size))
    for frame in ("goods_items", "documents", "parties"):
        assert_frame_equal(read[frame], whole[frame], check_column_order=False)
    assert read["declarations"]["lrn"].to_list() == whole["declarations"]["lrn"].to_list()


def test_what_a_lot_does_not_say_is_said_by_its_arrival(tmp_path):
    parquet.write(sample(2), tmp_path)
    (read,) = chunks(tmp_path, 9)
    said = read["declarations"].select("message", "sender", "administration", "version", "applicable_on").row(1)
    assert said == ("declaration", "broker", "LA", 1, date(2026, 11, 21))


def test_decimals_of_other_tools_are_whole_units(tmp_path):
    parquet.write(sample(2), tmp_path)
    units = pl.DataFrame({"d": [1], "i": [0], "item_amount": ["12345678.5"]}).with_columns(
        pl.col("item_amount").cast(pl.Decimal(18, 2))
    )
    units.write_parquet(tmp_path / "goods_items.parquet")
    (read,) = chunks(tmp_path, 9)
    assert read["goods_items"]["item_amount"].to_list() == [12_345_678_500_000]


@pytest.mark.parametrize(
    ("file", "columns", "complaint"),
    [
        ("declarations", {"d": [0, 2]}, "must have 0, 1, 2"),
        ("declarations", {"d": [0], "lrn": [1.5]}, "'lrn' is Float64"),
        ("declarations", {"d": [0], "colour": ["red"]}, "no column 'colour'"),
        ("documents", {"d": [1, 0]}, "rising order"),
        ("goods_items", {"d": [0, 0], "i": [1, 0]}, "must have 0, 1, 2"),
        ("goods", {"d": [0]}, "no frame 'goods'"),
    ],
)
def test_what_is_no_lot_is_refused_with_its_place(tmp_path, file, columns, complaint):
    parquet.write(sample(2), tmp_path)
    pl.DataFrame(columns).write_parquet(tmp_path / f"{file}.parquet")
    with pytest.raises(InputError, match=complaint) as told:
        chunks(tmp_path, 9)
    assert file in str(told.value)


def test_a_folder_without_declarations_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no declarations\.parquet"):
        chunks(tmp_path, 9)


def test_a_file_that_is_no_parquet_is_named(tmp_path):
    (tmp_path / "declarations.parquet").write_bytes(b"not parquet at all")
    with pytest.raises(InputError, match=r"declarations\.parquet"):
        chunks(tmp_path, 9)
