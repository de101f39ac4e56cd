"""What measures and makes the knowledge: question files and their score, benchmarks, data.

Needs the knowledge and the answering together; nothing that answers imports it.
"""
