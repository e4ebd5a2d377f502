"""The goods declaration: its elements, lots, stages and findings.

Doors: the modules `element`, `lot`, `stage`, `finding`, `pointer`, `reference_number`, `amendment`.
"""
