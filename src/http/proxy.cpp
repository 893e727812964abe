#include "http/proxy.h"

#include <cstdlib>
#include <string_view>

namespace atonce::http {
namespace {

std::string variable(const char* capitals, const char* small) {
  for (const char* name : {small, capitals}) {
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return value;
  }
  return {};
}

// "example.com" and ".example.com" both match example.com and what is below it.
bool matches(std::string_view host, std::string_view entry) {
  if (entry.starts_with("*.")) entry.remove_prefix(1);
  if (entry.starts_with('.')) entry.remove_prefix(1);
  if (entry.empty() || !host.ends_with(entry)) return false;
  return host.size() == entry.size() || host[host.size() - entry.size() - 1] == '.';
}

bool is_exempt(const std::string& none, const Url& url) {
  std::string_view rest = none;
  while (!rest.empty()) {
    std::string_view entry = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), entry.size() + 1));
    const std::size_t from = entry.find_first_not_of(" \t");
    if (from == std::string_view::npos) continue;
    entry = entry.substr(from, entry.find_last_not_of(" \t") - from + 1);
    if (entry == "*" || entry == url.host_and_port() || matches(url.host, entry)) return true;
  }
  return false;
}

}  // namespace

ProxySettings proxies_from_environment() {
  return {.https = variable("HTTPS_PROXY", "https_proxy"),
          .http = variable("HTTP_PROXY", "http_proxy"),
          .none = variable("NO_PROXY", "no_proxy")};
}

Result<std::optional<Url>> choose_proxy(const ProxySettings& settings, const Url& url) {
  const std::string& text = url.is_https ? settings.https : settings.http;
  if (text.empty() || url.is_loopback() || is_exempt(settings.none, url)) return std::nullopt;
  auto proxy = parse_url(text.contains("://") ? text : "http://" + text);
  if (!proxy) {
    return failure(ErrorCode::bad_input, "the proxy " + proxy.error().message,
                   "correct HTTPS_PROXY or HTTP_PROXY, or name the host in NO_PROXY");
  }
  if (proxy->is_https) {
    return failure(ErrorCode::bad_input, "the proxy " + proxy->origin() + " is asked for by https",
                   "proxies that speak http are supported; correct HTTPS_PROXY or HTTP_PROXY");
  }
  return *std::move(proxy);
}

}  // namespace atonce::http
