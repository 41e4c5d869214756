"""What exploring is made of: the tables that figures draw, and the sentences about them; `explore` gives them to the reader."""
