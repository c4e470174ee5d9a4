from comparison import table
def report(results): return table.render(results)
