-- Presents invented keys, each once. For wrk with one thread.
local next = 0

request = function()
  next = next + 1
  return wrk.format("GET", "/v1/forward-auth?permission=read:orders",
    { ["Authorization"] = string.format("Bearer kl_live_wrong%044d", next) })
end
