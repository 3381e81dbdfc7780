-- Write a page of a session's journal, if it is still the caller's and nothing before the page is missing. One with a
-- lower fence is from before the caller took the session over: the store has lost that.
--
-- KEYS[1] ss:session:<id>         hash  head, fence, standing, behind, voices, ended
-- KEYS[2] ss:session:<id>:events  list  durable events behind the sequence `behind`
--
-- ARGV 1 fence · 2 milliseconds to keep · 3 sequence of the first event · 4 standing · 5 voices · 6 end ('' as before)
--      7… events
-- Returns "kept", "taken" or "lost".

local fence = redis.call('HGET', KEYS[1], 'fence')
if not fence or tonumber(fence) < tonumber(ARGV[1]) then return 'lost' end
if tonumber(fence) > tonumber(ARGV[1]) then return 'taken' end
local behind = tonumber(redis.call('HGET', KEYS[1], 'behind') or '0')
local count, first = behind + redis.call('LLEN', KEYS[2]), tonumber(ARGV[3])
if first > count + 1 then return 'lost' end
for n = 7, #ARGV do
  if first + n - 7 > count then redis.call('RPUSH', KEYS[2], ARGV[n]) end
end
for n, field in ipairs({'standing', 'voices', 'ended'}) do
  if ARGV[n + 3] ~= '' then redis.call('HSET', KEYS[1], field, ARGV[n + 3]) end
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return 'kept'
