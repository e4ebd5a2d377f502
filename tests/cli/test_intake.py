"""What is named on the command line is answered, each once and in order, and nothing unbounded is read."""

import io
import os
import sys
import zipfile

import pytest

from landsea.cli.intake import bodies, files_of, passed_over
from landsea.errors import InputError
from landsea.wire.limits import Limits


def given(paths, **limits):
    """Names and bodies of what these paths hold."""
    return [(one.name, one.body) for file in bodies(files_of(paths), limits=Limits(**limits)) for one in file]


def archive(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in members.items():
            out.writestr(name, content)
    return str(path)


def test_files_keep_the_order_in_which_they_were_named(tmp_path):
    for name in ("b.xml", "a.xml"):
        (tmp_path / name).write_bytes(name.encode())
    paths = [str(tmp_path / "b.xml"), str(tmp_path / "a.xml")]
    assert [name for name, _ in given(paths)] == paths


def test_a_folder_gives_its_messages_in_order_of_name_and_leaves_other_files_alone(tmp_path):
    (tmp_path / "below").mkdir()
    for name in ("c.xml", "below/a.JSON", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert [name for name, _ in given([str(tmp_path)])] == [str(tmp_path / "below/a.JSON"), str(tmp_path / "c.xml")]


def test_a_file_named_outright_is_taken_whatever_its_name(tmp_path):
    (tmp_path / "notes.txt").write_bytes(b"x")
    assert given([str(tmp_path / "notes.txt")]) == [(str(tmp_path / "notes.txt"), b"x")]


def test_a_dash_is_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"<a/>")))
    assert given(["-"]) == [("-", b"<a/>")]


def test_an_archive_gives_its_files(tmp_path):
    path = archive(tmp_path / "many.zip", **{"one.xml": b"1", "two.xml": b"2"})
    assert given([path]) == [(path + "/one.xml", b"1"), (path + "/two.xml", b"2")]


def test_a_path_that_names_nothing_is_said_so(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        files_of([str(tmp_path / "absent.xml")])


def test_what_is_no_regular_file_is_said_so(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (os.devnull, str(tmp_path / "pipe")):
        with pytest.raises(InputError, match="is not a regular file"):
            files_of([path])


def test_a_folder_or_an_archive_without_messages_is_said_so(tmp_path):
    (tmp_path / "x.bin").write_bytes(b"x")
    with pytest.raises(InputError, match=r"there is no \.xml, \.json or \.zip file in this folder"):
        files_of([str(tmp_path)])
    with pytest.raises(InputError, match="there is no file in this archive"):
        given([archive(tmp_path / "empty.zip")])


def test_files_that_a_folder_gives_nothing_of_are_passed_over(tmp_path):
    for name in ("a.xml", "x.bin"):
        (tmp_path / name).write_bytes(b"x")
    assert passed_over([str(tmp_path), str(tmp_path / "x.bin"), "-"]) == [tmp_path / "x.bin"]


def test_of_a_huge_file_no_more_is_read_than_shows_that_it_is_too_large(tmp_path):
    (tmp_path / "huge.xml").write_bytes(b"x" * 1000)
    assert given([str(tmp_path / "huge.xml")], bytes=10) == [(str(tmp_path / "huge.xml"), b"x" * 11)]


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path):
    path = archive(tmp_path / "bomb.zip", a=bytes(600), b=bytes(600))
    with pytest.raises(InputError, match="unpacks to more than 1000 bytes"):
        given([path], unpacked=1000)


def test_an_archive_of_too_many_files_is_refused(tmp_path):
    path = archive(tmp_path / "many.zip", a=b"", b=b"", c=b"")
    with pytest.raises(InputError, match="3 files in one archive"):
        given([path], files=2)


def test_a_damaged_archive_is_refused_with_its_name(tmp_path):
    path = archive(tmp_path / "torn.zip", a=b"abc" * 500)
    content = bytearray((tmp_path / "torn.zip").read_bytes())
    content[35:45] = b"\xff" * 10
    (tmp_path / "torn.zip").write_bytes(content)
    with pytest.raises(InputError, match=r"torn\.zip: the archive cannot be unpacked"):
        given([path])
