"""What `clean` is composed of: characters, furniture, paragraphs, marks. Every function is text in, text out."""
