"""The staff queue: the cases that wait for somebody, those whose hold on money ends within a day first, then the oldest."""
