#include "serve/doors.h"

#include <algorithm>
#include <cctype>

namespace atonce::serve {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](unsigned char each) { return static_cast<char>(std::tolower(each)); });
  return result;
}

// "localhost" of "localhost:8000", "[::1]" of "[::1]:8000".
std::string_view without_port(std::string_view host) {
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.rfind(':');
  if (colon == std::string_view::npos) return host;
  if (bracket != std::string_view::npos && colon < bracket) return host;
  return host.substr(0, colon);
}

bool is_loopback_name(std::string_view host) {
  const std::string name = lower(without_port(host));
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]";
}

// The host of "https://app.example:8443", port included.
std::optional<std::string_view> host_of(std::string_view origin) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!origin.starts_with(scheme)) continue;
    const std::string_view host = origin.substr(scheme.size());
    if (host.empty() || host.find_first_of("/?#@") != std::string_view::npos) return std::nullopt;
    return host;
  }
  return std::nullopt;
}

bool is_listed(const std::vector<std::string>& listed, std::string_view value) {
  return std::ranges::any_of(
      listed, [&](const std::string& each) { return each == "*" || lower(each) == lower(value); });
}

}  // namespace

std::optional<Refused> Doors::check(std::optional<std::string_view> host,
                                    std::optional<std::string_view> origin) const {
  if (!host || !may_be_host(*host)) {
    const std::string said(host.value_or(""));
    return Refused{421, "this server is not `" + said + "`; start it with --allowed-hosts " +
                            (said.empty() ? "NAME" : said) + " if it is"};
  }
  if (origin && !may_be_origin(*origin, *host)) {
    return Refused{403, "pages of `" + std::string(*origin) +
                            "` may not ask this server; --allowed-origins " + std::string(*origin) +
                            " lets them"};
  }
  return std::nullopt;
}

bool Doors::may_be_host(std::string_view host) const {
  if (is_listed(options_.hosts, host) || is_listed(options_.hosts, without_port(host))) return true;
  if (options_.is_loopback) return is_loopback_name(host);
  return options_.hosts.empty();  // who listens to the world knows who comes by which name
}

bool Doors::may_be_origin(std::string_view origin, std::string_view host) const {
  if (is_listed(options_.origins, origin)) return true;
  const auto from = host_of(origin);
  if (!from) return false;
  if (options_.is_loopback && is_loopback_name(*from)) return true;
  return lower(*from) == lower(host);
}

}  // namespace atonce::serve
