// Any bytes on standard input: wherever they are split, the answers are the same, and each is one
// line of JSON.
//
// The first byte says in how many parts the rest arrives.

#include <sys/socket.h>
#include <unistd.h>

#include "mcp_service.h"
#include "serve/mcp_stdio.h"

using namespace atonce;
using namespace atonce::serve;

namespace {

// Nothing to call, so that every answer is there before the next line is looked at.
fuzz::Offers& nothing() {
  static fuzz::Offers none({});
  return none;
}

std::vector<std::string> answers_to(std::string_view bytes, std::size_t parts) {
  int ends[2];
  int stop[2];
  // Each part is one read.
  fuzz::require(::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0, "there are sockets");
  fuzz::require(::pipe(stop) == 0, "there are pipes");
  for (std::size_t part = 0; part < parts; ++part) {
    const std::size_t from = bytes.size() * part / parts;
    const std::size_t to = bytes.size() * (part + 1) / parts;
    if (from == to) continue;  // an empty part would be the end
    fuzz::require(::send(ends[1], bytes.data() + from, to - from, 0) >= 0, "a part is sent");
  }
  ::close(ends[1]);

  fuzz::Server server(nothing());
  std::vector<std::string> lines;
  McpStdio stdio(server.service, ends[0], [&lines](std::string_view line) {
    fuzz::require(!line.contains('\n'), "an answer is one line");
    fuzz::require(json::Document::parse(line).has_value(), "an answer is JSON");
    lines.emplace_back(line);
  });
  stdio.run(stop[0]);
  ::close(ends[0]);
  ::close(stop[0]);
  ::close(stop[1]);
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 30'000) return 0;
  const std::string_view bytes = fuzz::text_of(data + 1, size - 1);
  const auto whole = answers_to(bytes, 1);
  fuzz::require(answers_to(bytes, data[0] % 100U + 2) == whole, "splitting changes nothing");
  return 0;
}
