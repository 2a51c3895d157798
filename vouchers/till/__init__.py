"""At the till: locks for a while, one-time presentments, and money that the merchant took otherwise."""
