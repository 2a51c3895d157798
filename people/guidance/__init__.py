"""What people ask, in plain words, in Chinese and English: costs, glossary, questions, checklists."""
