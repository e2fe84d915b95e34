"""A small DUI that conforms, and its named defects.

It stands for the product of an editor: it speaks to the bench over the wire and by the control API only, and never
imports the bench's services, checks or evidence.
"""
