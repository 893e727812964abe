// What everybody but Python knows of a tool: its name, its declarations and its policy.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

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

struct ToolSpec {
  std::string name;
  std::string description;
  std::string input_schema;  // JSON Schema 2020-12 of the arguments object, JSON text
  std::array<std::string, kDialects> declarations = {};  // JSON text, by Dialect
  Policy policy = {};
  bool is_async = false;  // runs on an event loop instead of a thread of its own

  [[nodiscard]] const std::string& declaration(Dialect dialect) const {
    return declarations[static_cast<std::size_t>(dialect)];
  }
};

}  // namespace atonce::call
