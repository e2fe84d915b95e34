"""What a run leaves behind: verdicts, exports, the report, and the sealed dossier that can be judged again."""
