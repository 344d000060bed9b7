"""chiproute: when will a national AI supercomputer be complete, and with what probability?

The rooms, in the way of the data: ``scenario`` (files) -> ``chance`` (draws and profiles) -> ``model`` (the
plan) -> ``engine`` (times) -> ``results`` (outcomes and answers) -> ``study`` (runs) -> ``report`` -> ``cli``.
"""
