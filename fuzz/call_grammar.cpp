// Any text as a tool's schema: it makes a grammar or an error, and a stub, whatever it refers to.

#include "base/json.h"
#include "model/grammar.h"
#include "model/tool_stub.h"
#include "target.h"

using namespace atonce;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  call::ToolSpec tool{
      .name = "tool", .description = "", .input_schema = std::string(fuzz::text_of(data, size))};
  const auto grammar = model::make_call_grammar(std::span(&tool, 1));
  const bool is_json = json::Document::parse(tool.input_schema).has_value();
  fuzz::require(grammar.has_value() == is_json, "every JSON schema makes a grammar");
  if (is_json) static_cast<void>(model::make_tool_stub(tool));
  return 0;
}
