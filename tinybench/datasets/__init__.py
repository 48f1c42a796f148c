"""How data sets are made or read: speech, motion and pictures.

Each has a built-in maker and a reader of the folders that people have. A task in `tinybench.tasks`
says which one it takes.
"""
