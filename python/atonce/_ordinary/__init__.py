"""What `atonce compare --python PATH` runs in that Python, which is an ordinary one.

It needs CPython 3.9 or newer and the standard library alone. `__main__` says how it is started.

    serving     answers the orders that come over the socket (frames: their form)
      loading     finds the tool, by the same rules as the host, and makes a plain callable of it
      arguments   keyword arguments out of an order's pickles
      rounds      runs rounds one by one and by threads, and writes down what came of them
      processes   runs rounds by child processes
      life        ends this process and its children with the one that asked
"""
