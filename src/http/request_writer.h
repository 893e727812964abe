// A request as bytes. Internal to http/.
#pragma once

#include <string>

#include "base/result.h"
#include "http/client.h"
#include "http/url.h"

namespace atonce::http {

// The request line and headers, up to and with the empty line. `by_proxy`: for an http URL that a
// proxy is asked for. Errors: bad_input, for a method or header that would break the message.
[[nodiscard]] Result<std::string> write_head(const Request& request, const Url& url,
                                             const Url* by_proxy, const std::string& user_agent);

// What asks a proxy for a connection to `url`'s host.
[[nodiscard]] std::string write_connect(const Url& url, const Url& proxy,
                                        const std::string& user_agent);

}  // namespace atonce::http
