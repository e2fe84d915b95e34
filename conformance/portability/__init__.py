"""What a record loses on its way from one software to another: two Bundles compared field by field.

``units`` cleans the resources of a Bundle of what belongs to a server, ``pairing`` finds which resource of one became which
of the other, ``differences`` walks a pair, ``reasons`` says why a difference matters or not, ``comparison`` puts it together,
``telling`` writes it for a person. Pure: no clock, no network, no file.
"""
