-- Forget workers that own no job of a line and have asked it for none for so long: each process leaves its name in
-- every line that it had a job of. A worker that has a job of it stays however long it is silent: the job is claimed from it.
-- One that lives and is forgotten is known again when it asks.
--
-- KEYS[1]  ss:jobs:turns  sorted set  organisation → number of its last turn
-- ARGV[1]  the group, ARGV[2] milliseconds
--
-- Answers how many. Lines that are empty have none: `take_job.lua` sees to it.

local forgotten = 0
for _, organisation in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    local line = 'ss:jobs:line:' .. organisation
    for _, worker in ipairs(redis.call('XINFO', 'CONSUMERS', line, ARGV[1])) do
        -- {'name', its name, 'pending', how many, 'idle', milliseconds, …}
        if worker[4] == 0 and worker[6] >= tonumber(ARGV[2]) then
            redis.call('XGROUP', 'DELCONSUMER', line, ARGV[1], worker[2])
            forgotten = forgotten + 1
        end
    end
end
return forgotten
