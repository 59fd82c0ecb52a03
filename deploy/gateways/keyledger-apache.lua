-- Asks Keyledger about a request to Apache.
require "apache2"
local http = require "socket.http"
http.TIMEOUT = 3

local url = "http://127.0.0.1:8090/v1/forward-auth?permission=read:users"

-- For how many seconds an accepted key is not asked about again. 5 costs: a revoked key is accepted for up to 5 seconds
-- more, and its last use is known to 5 seconds. Each process of Apache has a cache of its own.
local cache_seconds = 0

local function ask(r)
  local _, status, answer = http.request {
    url = url,
    headers = {
      ["authorization"] = r.headers_in["Authorization"],
      ["x-api-key"] = r.headers_in["X-API-Key"],
      ["x-forwarded-for"] = r.useragent_ip,
      ["keyledger-gateway-token"] = os.getenv("KEYLEDGER_GATEWAY_TOKEN"),
    },
  }
  return status, type(answer) == "table" and answer or {}
end

-- An accepted key as text: until when, then its headers.
local function ask_seldom(r)
  local asked = (r.headers_in["Authorization"] or "") .. "\r\n" .. (r.headers_in["X-API-Key"] or "")
  local name = "keyledger " .. r:sha1(asked .. "\r\n" .. r.useragent_ip)
  local known = r:ivm_get(name)
  if known and os.time() < tonumber(known:match("^%d+")) then
    local answer = {}
    for header, value in known:gmatch("\n([^:]+): ([^\n]*)") do
      answer[header] = value
    end
    return 200, answer
  end
  local status, answer = ask(r)
  if status == 200 then
    local lines = { tostring(os.time() + cache_seconds) }
    for header, value in pairs(answer) do
      table.insert(lines, header .. ": " .. value)
    end
    r:ivm_set(name, table.concat(lines, "\n"))
  end
  return status, answer
end

function check(r)
  for name in pairs(r:headers_in_table()) do
    if name:lower():find("^x[-_]key[-_]") then
      r.headers_in[name] = nil
    end
  end
  local status, answer = (cache_seconds > 0 and ask_seldom or ask)(r)
  if status == 401 or status == 403 then
    r.err_headers_out["WWW-Authenticate"] = answer["www-authenticate"]
    return status
  elseif status ~= 200 then
    r.err_headers_out["Retry-After"] = "1"
    return 503
  end
  for name, value in pairs(answer) do
    if name:find("^x%-key%-") then
      r.headers_in[name] = value
    end
  end
  if answer["keyledger-renewal-due"] then
    r.err_headers_out["Keyledger-Renewal-Due"] = answer["keyledger-renewal-due"]
  end
  return apache2.DECLINED
end
