-- Issues keys. For wrk.
local body = '{"name": "Billing of orders", "owner": {"type": "service", "id": "billing"},' ..
  ' "permissions": ["read:orders", "write:orders"], "metadata": {"team": "billing"}}'
local headers = {
  ["Authorization"] = "Bearer " .. os.getenv("KEYLEDGER_ROOT_KEY"),
  ["Content-Type"] = "application/json",
}

request = function()
  return wrk.format("POST", "/v1/keys", headers, body)
end
