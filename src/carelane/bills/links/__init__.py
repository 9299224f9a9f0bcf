"""The doors of the billing dialect to the page of a bill: links to it, proof of identity through a server, a payment to embed."""
