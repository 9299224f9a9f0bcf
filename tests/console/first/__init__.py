"""The story of a clinic that begins with nothing: `place` is what runs beside it, `making` what its administrator does by pages,
`working` what the clinic does afterwards, `moving` its file on another installation."""
