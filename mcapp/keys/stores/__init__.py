"""Where keys lie. Every store obeys `base.Store`, and one contract test holds them all to it."""
