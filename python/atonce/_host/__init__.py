"""The host's half of atonce: what the C++ program calls, and nothing for tools files.

`environment.prepare` runs once, then `load.load`:

    load            what the person named -> tools; all that can be wrong is a ToolsError
      modules         imports the user's code (tracebacks: its errors; gil: who turned the GIL on)
      discover        which objects of it are tools
      toolset         one function -> one Tool
        signature       its parameters, their types resolved
        arguments       parameters -> a validator and a JSON Schema, of the types that are plain
                        or else with pydantic_types; fields combines them
        inline          that schema without references
        docstrings      descriptions for it
        dialects        the declarations (strict: the form that OpenAI holds a model to)
        header_parameters  the arguments that MCP's clients repeat in headers
        calling         the function in a form that keywords alone can call
        results         how its result becomes JSON
        outputs         what MCP is told of it
      offers        resources, prompts and completions, as tools under other names, for MCP
        blocks          MCP's own forms of content

`bridge` lists all that C++ looks up. Per call it uses the members of Tool; `repair` and `invalid`
see the arguments that did not fit (problems: pydantic's errors; schemas and schema_walk: what the
schema says), `generators` and `events` run what is not a plain function. `contexts` is the Context
of a call that somebody listens to, and `questions` what it asks.

`apart` has the tools in an interpreter beside the main one. For processes that measure, `probing`
asks about a tool's function.
"""
