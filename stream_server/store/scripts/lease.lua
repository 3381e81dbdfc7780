-- Grant a session one step more of its key's quota, if what is used and what is on lease leave room.
-- A closed session is granted nothing more: its request was late.
-- A lease that was not renewed is dropped: its session counts with what it recorded, which `used` already holds.
--
-- KEYS[1] ss:mark:<session>         hash    microseconds → recorded so far
-- KEYS[2] ss:quota:<key>:<period>   string  microseconds used
-- KEYS[3] ss:leases:<key>:<period>  hash    session → "granted recorded renewed"
--
-- ARGV 1 session id · 2 quota · 3 granted so far · 4 step (all microseconds) · 5 now · 6 seconds until a lease is dead
--      7 seconds to keep the leases (0: for ever)
-- Returns the microseconds granted to the session in sum.

if redis.call('HEXISTS', KEYS[1], 'closed') == 1 then return tonumber(ARGV[3]) end
local now, target = tonumber(ARGV[5]), tonumber(ARGV[3]) + tonumber(ARGV[4])
local granted = tonumber(ARGV[3])
local outstanding = 0
local leases = redis.call('HGETALL', KEYS[3])
for n = 1, #leases, 2 do
  local theirs, recorded, renewed = string.match(leases[n + 1], '^(%d+) (%d+) (.+)$')
  if leases[n] == ARGV[1] then
    granted = math.max(granted, tonumber(theirs))
  elseif now - tonumber(renewed) > tonumber(ARGV[6]) then
    redis.call('HDEL', KEYS[3], leases[n])
  else
    outstanding = outstanding + math.max(0, tonumber(theirs) - tonumber(recorded))
  end
end

local recorded = redis.call('HGET', KEYS[1], 'microseconds') or '0'
local used = tonumber(redis.call('GET', KEYS[2]) or '0')
local room = tonumber(ARGV[2]) - used - outstanding - math.max(0, granted - tonumber(recorded))
granted = granted + math.max(0, math.min(target - granted, room))
if granted > 0 then
  redis.call('HSET', KEYS[3], ARGV[1], string.format('%.0f %s %s', granted, recorded, ARGV[5]))
  if tonumber(ARGV[7]) > 0 then redis.call('EXPIRE', KEYS[3], ARGV[7]) end
end
return granted
