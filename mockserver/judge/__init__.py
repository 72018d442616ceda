"""The judge: whether a deployment keeps the contract.

It knows the contract and the values of HTTP, and shares no code with the mock: neither its sources nor its faults.
"""
