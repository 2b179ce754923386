"""The auditor's room: what was written is read, checked and told; nothing here can send anything to anybody."""
