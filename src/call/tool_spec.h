// What everybody but Python knows of a tool: its name, its declarations and its policy. And of what
// a tools file offers beside tools, which runs as calls do: resources, prompts, completions.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace atonce::call {

// Who a declaration is written for.
enum class Dialect { jsonschema, gemini, openai, mcp };
inline constexpr std::size_t kDialects = 4;

// Where a tool runs.
enum class Isolation { thread, process };

// A tool's limits, as its author wrote them.
struct Policy {
  std::string serial_group = {};  // tools of one group run one at a time; empty: no group
  std::optional<std::size_t> max_concurrency = std::nullopt;
  std::optional<std::chrono::milliseconds> timeout = std::nullopt;
  unsigned retries = 0;  // again after a raised exception, inside the call's deadline
  Isolation isolation = Isolation::thread;
  // Of a child process, for one call; beyond what the process has used before.
  std::optional<std::size_t> max_memory_bytes = std::nullopt;
  std::optional<std::chrono::seconds> max_processor_time = std::nullopt;
  bool needs_approval = false;
  bool is_destructive = false;
};

// What a call gives. The names of all but tools have spaces, which no tool's name has:
// "resource URI", "template URI_TEMPLATE", "prompt NAME", "completion prompt NAME ARGUMENT" and
// "completion template URI_TEMPLATE ARGUMENT".
//
//                      arguments                             result
//   tool               its own                               whatever it returns
//   resource           {"uri"}                               MCP's `contents` array
//   resource_template  {"uri", the template's variables}     the same
//   prompt             its own                               {"description", "messages"}
//   completion         {"value", "context"?} as MCP has them array of strings, of any length
//
// Variables, percent-decoded, and a prompt's arguments are strings; the function's types are made
// of them.
enum class Role { tool, resource, resource_template, prompt, completion };

// How MCP gives a result that has a schema: as text and structured content, or as one of the two.
enum class StructuredMode { both, text, only };

// An argument that the caller repeats in the header "Mcp-Param-" + `header`.
struct HeaderParameter {
  std::string name;    // a property of the arguments object
  std::string header;  // an HTTP token, unique in its tool without regard to case
  std::string type;    // "string", "integer" or "boolean"

  friend bool operator==(const HeaderParameter&, const HeaderParameter&) = default;
};

// What a tool's result is to MCP.
struct Output {
  bool has_schema = false;  // the result is structured content
  bool is_wrapped = false;  // as {"result": x}: x itself is no object
  StructuredMode mode = StructuredMode::both;
};

struct ToolSpec {
  std::string name;
  std::string description;
  std::string input_schema;  // JSON Schema 2020-12 of the arguments object, JSON text
  std::array<std::string, kDialects> declarations = {};  // JSON text, by Dialect
  Policy policy = {};
  bool is_async = false;  // runs on an event loop instead of a thread of its own
  Role role = Role::tool;
  // What it offers: the URI, its template, the prompt's name. Of a tool and a completion, empty.
  std::string subject = {};
  Output output = {};                         // tools only
  std::vector<HeaderParameter> headers = {};  // tools only

  [[nodiscard]] const std::string& declaration(Dialect dialect) const {
    return declarations[static_cast<std::size_t>(dialect)];
  }
};

}  // namespace atonce::call
