-- Raise one session's high-water marks; add what is new to its day's row and to its key's quota. Repeating is harmless.
--
-- KEYS[1] ss:mark:<session>              hash    session, speech, microseconds, track:<n> → highest seen; closed → 1
-- KEYS[2] ss:usage:<organisation>:<day>  hash    <row>|sessions, |billable, |tracks, |speech → sum (row: JSON of user,
--                                                key, kind, clock rate)
-- KEYS[3] ss:usage-days:<organisation>   set     days that have rows
-- KEYS[4] ss:usage-organisations         set     organisations that have rows
-- KEYS[5] ss:quota:<key>:<period>        string  microseconds used           } only for keys
-- KEYS[6] ss:leases:<key>:<period>       hash    session → "granted recorded renewed"  } with a quota
--
-- ARGV 1 organisation · 2 day · 3 row · 4 seconds to keep the mark · 5 session · 6 speech · 7 microseconds
--      8 session id · 9 now · 10 granted microseconds · 11 closed (0, 1) · 12 seconds to keep the quota (0: for ever)
--      13… tracks
-- Returns the microseconds that the key's quota has used in the period, or nil without quota.

local function raise_mark(field, value)
  local old = tonumber(redis.call('HGET', KEYS[1], field) or '0')
  local new = tonumber(value)
  if new <= old then return 0 end
  redis.call('HSET', KEYS[1], field, value)
  return new - old
end

local function add(measure, amount)
  if amount > 0 then redis.call('HINCRBY', KEYS[2], ARGV[3] .. '|' .. measure, amount) end
  return amount
end

local tracks = 0
local first = redis.call('HSETNX', KEYS[1], 'microseconds', 0)
for n = 13, #ARGV do tracks = tracks + raise_mark('track:' .. (n - 13), ARGV[n]) end
local charge = raise_mark('microseconds', ARGV[7])
local news = add('sessions', first) + add('billable', raise_mark('session', ARGV[5]))
  + add('tracks', tracks) + add('speech', raise_mark('speech', ARGV[6]))
redis.call('EXPIRE', KEYS[1], ARGV[4])
if news > 0 then
  redis.call('SADD', KEYS[3], ARGV[2])
  redis.call('SADD', KEYS[4], ARGV[1])
end
if #KEYS < 6 then return false end

local used = redis.call('INCRBY', KEYS[5], charge)
if ARGV[11] == '1' then
  redis.call('HSET', KEYS[1], 'closed', 1)
  redis.call('HDEL', KEYS[6], ARGV[8])
elseif redis.call('HEXISTS', KEYS[1], 'closed') == 0 then
  local granted, old = ARGV[10], redis.call('HGET', KEYS[6], ARGV[8])
  if old and tonumber(string.match(old, '^%d+')) > tonumber(granted) then granted = string.match(old, '^%d+') end
  local recorded = redis.call('HGET', KEYS[1], 'microseconds')
  redis.call('HSET', KEYS[6], ARGV[8], granted .. ' ' .. recorded .. ' ' .. ARGV[9])
end
if tonumber(ARGV[12]) > 0 then
  redis.call('EXPIRE', KEYS[5], ARGV[12])
  redis.call('EXPIRE', KEYS[6], ARGV[12])
end
return used
