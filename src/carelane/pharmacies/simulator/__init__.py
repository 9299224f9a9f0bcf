"""The pharmacy simulator: a pharmacy for tests, demos and integrators, as a real HTTP server (`carelane pharmacy-simulator`).

It speaks both adapters' protocols and can be told, order by order, to behave badly (`docs/howto/pharmacies.md`). It never
checks whether it has an order already: each NewRx that it takes makes one more order, so that sending twice shows.
"""
