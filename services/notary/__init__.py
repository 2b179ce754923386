"""The notary: signs how far each partition reaches and what it holds, so that nobody can take it back unnoticed."""
