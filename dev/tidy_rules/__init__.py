# The rules of dev/tidy.py, a module per subject. A rule is a function Tree -> iterable of Fault; RULES of each module lists them.
