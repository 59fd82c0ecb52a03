-- Asks Keyledger about a request to HAProxy.
local url = "http://127.0.0.1:8090/v1/forward-auth?permission=read:users"
local sent = { "authorization", "x-api-key" }

-- For how many seconds an accepted key is not asked about again. 5 costs: a revoked key is accepted for up to 5 seconds
-- more, and its last use is known to 5 seconds.
local cache_seconds = 0
local cache_entries_max = 10000

local cached, entries = {}, 0

local function ask(txn, headers)
  headers["keyledger-gateway-token"] = { os.getenv("KEYLEDGER_GATEWAY_TOKEN") }
  return core.httpclient():get({ url = url, headers = headers, timeout = 3000 })
end

local function ask_seldom(txn, headers)
  local asked = { txn.f:src() }
  for _, name in ipairs(sent) do
    table.insert(asked, table.concat(headers[name] or {}, "\n"))
  end
  local digest = txn.c:hex(txn.c:sha2(table.concat(asked, "\r\n"), 256))
  local now = core.now().sec
  local entry = cached[digest]
  if entry and now < entry.until_sec then
    return entry.answer
  end
  local answer = ask(txn, headers)
  if answer and answer.status == 200 then
    if entries >= cache_entries_max then
      cached, entries = {}, 0
    end
    entries = entries + (entry and 0 or 1)
    cached[digest] = { answer = answer, until_sec = now + cache_seconds }
  end
  return answer
end

core.register_action("keyledger", { "http-req" }, function(txn)
  local headers = { ["x-forwarded-for"] = { txn.f:src() } }
  local client = txn.http:req_get_headers()
  for _, name in ipairs(sent) do
    if client[name] then
      headers[name] = {}
      for i = 0, #client[name] do
        table.insert(headers[name], client[name][i])
      end
    end
  end
  local answer = (cache_seconds > 0 and ask_seldom or ask)(txn, headers)
  if not answer then
    return
  end
  local function first(name)
    return answer.headers[name] and answer.headers[name][0]
  end
  txn:set_var("txn.keyledger_status", answer.status)
  txn:set_var("txn.keyledger_challenge", first("www-authenticate") or "Bearer")
  txn:set_var("txn.keyledger_renewal_due", first("keyledger-renewal-due"))
  if answer.status == 200 then
    for name, values in pairs(answer.headers) do
      if name:find("^x%-key%-") then
        txn.http:req_set_header(name, values[0])
      end
    end
  end
end)
