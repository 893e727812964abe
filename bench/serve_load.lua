-- For wrk: one request of MCP, over and over. BODY is its body, FIELDS its header lines, "Name: value" each.
wrk.method = "POST"
wrk.body = os.getenv("BODY")
for name, value in string.gmatch(os.getenv("FIELDS"), "([^:\n]+): ([^\n]+)") do
  wrk.headers[name] = value
end

-- Times are in microseconds.
function done(summary, latency, _requests)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "elapsed_us": %d, "p50_us": %d, "p99_us": %d, "bad_status": %d, "failed": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
