"""A copy of a run that may leave the house: names replaced before anything is drawn, the key kept apart, and a proof.

Glossary
    name        what identifies: a family, item, supplier, customer, person, order …; the contract says which column
    pseudonym   what stands for it: `Family 03`; the same text gets the same one in every table, so that results hold
    word        a term of the client's own vocabulary; it stays where all its words are ordinary, else it is replaced
    key         the file that leads back from pseudonyms to names; it never lies in the folder that leaves
    proof       the search for every original name in every finished file
    ordinary    what the kit says itself; a name that reads the same cannot be told apart from it
"""

from helpers.anonymise.leave import Copy, Departure, anonymised, key_beside, log_beside

__all__ = ["Copy", "Departure", "anonymised", "key_beside", "log_beside"]
