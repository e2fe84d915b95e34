"""Official workbooks in, requirement profiles out.

``archive`` guards the file, ``layout`` tells which workbook it is, ``cells`` and ``ids`` mend what the exports
damaged, ``workbook`` merges the rows, ``drafting`` makes the profile and ``shape`` writes it.
"""
