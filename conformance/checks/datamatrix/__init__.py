"""The INS datamatrix of a printed document: found in the PDF, read, compared with the CDA."""
