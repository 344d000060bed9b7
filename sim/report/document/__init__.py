"""The report page: one HTML file that an adviser reads in a minute and an analyst checks in an hour.

``contents`` chooses what is said, in order; ``dates``, ``analyses``, ``why``, ``evidence``, ``method`` and
``stamp`` say it as the plain ``parts`` of a page; ``pictures`` turns figures into inline SVG; ``rendering``
makes the file.
"""
