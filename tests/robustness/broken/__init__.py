"""Broken clients: what is broken by subject, what has to come of it, and a run that holds the kit to it.

Glossary
    grid     a table as it is written: names of columns and rows of texts
    copy     the small client in a folder of its own, where tables can be written anew
    case     one way to break it, with what has to come of it; the expectation never asks the kit
    fate     what has to become of one table: the rows that are left, and every fault with its line and column
"""
