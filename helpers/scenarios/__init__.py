"""One connected model of demand, capacity, procurement and stock, and what it says of the next cycle.

Glossary
    network     what the model knows of a client: products, demand, hours, routes, sources, stock
    product     what is planned: the made or the bought items of a family
    segment     the customers a unit of demand belongs to
    route       one way to make a product, with the hours it takes of each resource
    source      one way to buy a product: a supplier at its lead time, or rushed at a price
    on time     a unit that leaves in the period it was asked for; late otherwise, lost where nobody waits for it
    rescue      overtime, rushed purchases and couriers: what is paid to keep a promise the plan cannot keep
"""
