// Which proxy a request goes through, by the environment's usual variables.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "http/url.h"

namespace atonce::http {

struct ProxySettings {
  std::string https = {};  // the proxy's URL for https requests; empty: none
  std::string http = {};   // for http requests
  std::string none = {};   // comma-separated hosts and domains that are asked directly; "*": all
};

// HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in capitals or not.
[[nodiscard]] ProxySettings proxies_from_environment();

// The proxy for this URL, or nothing. This machine itself is never asked through one.
// Errors: bad_input for a proxy's URL that is none, or is not http.
[[nodiscard]] Result<std::optional<Url>> choose_proxy(const ProxySettings& settings,
                                                      const Url& url);

}  // namespace atonce::http
