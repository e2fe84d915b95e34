"""FHIR packages: reading what guides publish, and compiling it into the compact tables that the validator reads.

Reading files is not pure, so this stays outside ``conformance.checks``. Modules: ``package`` (reading under bounds),
``facts`` (structures), ``terminology`` (code lists), ``compile`` (the tool), ``store`` (packs of this machine).
"""
