"""The judge: whether a deployment keeps the contract.

It knows the contract and nothing of the mock: no module of the layers 2 to 4 is imported here.
"""
