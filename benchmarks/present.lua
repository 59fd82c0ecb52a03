-- Presents the keys of the file KEYS, one per line, to the endpoint that the first argument names. For wrk with one thread.
local requests = {}
local next = 0

init = function(arguments)
  local root = "Bearer " .. os.getenv("KEYLEDGER_ROOT_KEY")
  for key in io.lines(os.getenv("KEYS")) do
    if arguments[1] == "verify" then
      local headers = { ["Authorization"] = root, ["Content-Type"] = "application/json" }
      requests[#requests + 1] = wrk.format("POST", "/v1/verify", headers, '{"key": "' .. key .. '"}')
    else
      local headers = { ["Authorization"] = "Bearer " .. key }
      requests[#requests + 1] = wrk.format("GET", "/v1/forward-auth?permission=read:orders", headers)
    end
  end
end

request = function()
  next = next % #requests + 1
  return requests[next]
end
