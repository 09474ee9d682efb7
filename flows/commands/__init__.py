"""The commands of `silverspan`, grouped by what people want of them."""
