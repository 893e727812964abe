// Which requests may come in at all: those whose Host is ours, and whose Origin, where a browser
// says one, is allowed. It keeps web pages that a person looks at from talking to a server on that
// person's machine (DNS rebinding).
//
// Thread safety: constant after construction.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atonce::serve {

struct DoorOptions {
  bool is_loopback = true;                // the server listens on this machine only
  std::vector<std::string> hosts = {};    // allowed beside our own: "tools.example:8000", "*"
  std::vector<std::string> origins = {};  // "https://app.example", "*"
};

struct Refused {
  int status = 403;
  std::string why;  // for the person, with the flag that opens the door
};

class Doors final {
 public:
  explicit Doors(DoorOptions options) : options_(std::move(options)) {}

  // `host` and `origin` are the headers, where they are there.
  [[nodiscard]] std::optional<Refused> check(std::optional<std::string_view> host,
                                             std::optional<std::string_view> origin) const;

 private:
  [[nodiscard]] bool may_be_host(std::string_view host) const;
  [[nodiscard]] bool may_be_origin(std::string_view origin, std::string_view host) const;

  const DoorOptions options_;
};

}  // namespace atonce::serve
