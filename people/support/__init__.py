"""Cases: somebody asks for help, a merchant or the operator answers, both see how far it is."""
