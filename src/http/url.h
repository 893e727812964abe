// The parts of an http or https URL, as far as a client needs them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace atonce::http {

struct Url {
  bool is_https = false;
  std::string host = {};  // lower case, without the brackets of an IPv6 address
  std::uint16_t port = 0;
  std::string target = {};    // path and query, at least "/"
  std::string userinfo = {};  // "name:password", percent-decoded; only proxies may have one

  // Whether the host is this machine by name or address.
  [[nodiscard]] bool is_loopback() const;
  // "host" or "host:port" when the port is not the scheme's own; IPv6 in brackets.
  [[nodiscard]] std::string authority() const;
  // "host:port" always, IPv6 in brackets: what CONNECT asks for.
  [[nodiscard]] std::string host_and_port() const;
  // Scheme, host and port: what a kept connection may be used for.
  [[nodiscard]] std::string origin() const;
};

// A fragment is dropped. Errors: bad_input, for what is no URL, has a scheme other than http and
// https, or a blank or control character in it. The message shows no user name or password.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

// Whether the host is an address, such as 127.0.0.1 or ::1, and not a name.
[[nodiscard]] bool is_ip_address(const std::string& host);

}  // namespace atonce::http
